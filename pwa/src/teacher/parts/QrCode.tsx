import { correction, generate } from 'lean-qr';
import { toSvgPath } from 'lean-qr/extras/svg';
import { useMemo } from 'react';

/** The quiet zone that scanners need, in modules. */
const QUIET = 2;

/** A QR code; the codes beside it say the same to those who do not see it. */
export function QrCode({ content }: { content: string }) {
  const [path, size] = useMemo(() => {
    const code = generate(content, { minCorrectionLevel: correction.M });
    return [toSvgPath(code), code.size] as const;
  }, [content]);
  return (
    <svg className="qr" viewBox={`${-QUIET} ${-QUIET} ${size + 2 * QUIET} ${size + 2 * QUIET}`} aria-hidden="true" focusable="false" shapeRendering="crispEdges">
      <path d={path} fill="#000" />
    </svg>
  );
}
