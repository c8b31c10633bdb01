/** An address, or a key, as a QR code, drawn here. The code that makes it comes only where one is shown. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Empty modules around the code; ISO/IEC 18004 5.3.8 asks for four. */
const QUIET_MODULES = 4;

/** Dark on light in both themes: cameras read nothing else for certain. */
export function QrCode(props: {
  readonly text: string;
  /** What it is, where it is not just the text. */
  readonly label?: string;
}): JSX.Element {
  const [rows, setRows] = useState<readonly (readonly boolean[])[]>([]);
  useEffect(() => {
    let isCurrent = true;
    void import('uqr').then(({ encode }) => {
      if (isCurrent) setRows(encode(props.text, { border: 0 }).data);
    });
    return () => {
      isCurrent = false;
    };
  }, [props.text]);
  const edge = rows.length + 2 * QUIET_MODULES;
  return (
    <svg
      class="qr-code"
      viewBox={`0 0 ${String(edge)} ${String(edge)}`}
      role="img"
      aria-label={`QR code of ${props.label ?? props.text}`}
      shape-rendering="crispEdges"
    >
      <path d={pathOf(rows)} />
    </svg>
  );
}

function pathOf(rows: readonly (readonly boolean[])[]): string {
  return rows
    .flatMap((row, y) =>
      row.map((isDark, x) =>
        isDark ? `M${String(x + QUIET_MODULES)} ${String(y + QUIET_MODULES)}h1v1h-1z` : '',
      ),
    )
    .join('');
}
