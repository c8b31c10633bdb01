/** What a camera showed when it was tried: the picture itself, what it sends, what could be better. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { CameraTest, TestedStream } from '../../server/contract/camera.ts';
import { pictureWords } from '../words/camera-words.ts';

/** See the head of this file. */
export function TestedPicture(props: { readonly test: CameraTest }): JSX.Element {
  const { main, sub, warnings } = props.test;
  return (
    <figure class="stack close">
      <Still stream={main} />
      <figcaption class="small quiet">
        {pictureWords(main.video)}
        {sub === undefined ? '' : `; small picture ${pictureWords(sub.video)}`}
        {main.audio === undefined ? '. It sends no sound.' : '. It sends sound, too.'}
      </figcaption>
      {warnings.map((warning) => (
        <p key={warning} class="note">
          {warning}
        </p>
      ))}
    </figure>
  );
}

/** Drawn, because `img-src 'self' blob:` has no room for the data: addresses that an <img> would
 * need, and a canvas keeps nothing behind. */
function Still(props: { readonly stream: TestedStream }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { video, picture } = props.stream;
  useEffect(() => {
    let isCurrent = true;
    void decoded(picture.base64).then((bitmap) => {
      if (isCurrent)
        canvas.current?.getContext('2d')?.drawImage(bitmap, 0, 0, video.width, video.height);
      bitmap.close();
    });
    return () => {
      isCurrent = false;
    };
  }, [picture.base64]);
  return (
    <canvas
      ref={canvas}
      class="still"
      width={video.width}
      height={video.height}
      role="img"
      aria-label="The picture that the camera sent just now"
    />
  );
}

async function decoded(base64: string): Promise<ImageBitmap> {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  return createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
}
