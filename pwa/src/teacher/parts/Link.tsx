import type { MouseEvent, ReactNode } from 'react';

import { addressOf, go, type Place } from '../place.ts';

interface Props {
  to: Exclude<Place, { name: 'join' }>;
  children: ReactNode;
  className?: string;
  current?: boolean;
  /** In the help: the part to show. */
  part?: string;
}

/** A link within the page; opened in a new tab it is one like any other. */
export function Link({ to, children, className, current = false, part }: Props) {
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0 || part) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a
      href={addressOf(to) + (part ? `#${part}` : '')}
      className={className}
      onClick={follow}
      aria-current={current ? 'page' : undefined}
      target={part ? '_blank' : undefined}
      rel={part ? 'noopener' : undefined}
    >
      {children}
    </a>
  );
}
