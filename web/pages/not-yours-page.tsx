/** A page that is not for who is signed in here, whose address somebody typed or kept. */
import type { JSX } from 'preact';
import { Link } from '../components/link.tsx';
import { Note } from '../components/note.tsx';
import { PageFrame } from '../components/page-frame.tsx';

/** See the head of this file. */
export function NotYoursPage(): JSX.Element {
  return (
    <PageFrame title="For others">
      <div class="stack">
        <Note sentence="This page is for others of your household.">
          <p>The owner of the box decides who sees what. People says what you may see.</p>
        </Note>
        <div class="row">
          <Link to={{ page: 'wall' }} class="button">
            To the cameras
          </Link>
          <Link to={{ page: 'people' }} class="button">
            To the people
          </Link>
        </div>
      </div>
    </PageFrame>
  );
}
