/** Where in the page somebody is. Addresses hold numbers, never a name: they stay in the browser's history. */

import { useSyncExternalStore } from 'react';

export const CLASS_TABS = ['class', 'tablets', 'held', 'cards', 'roster', 'settings'] as const;
export type ClassTab = (typeof CLASS_TABS)[number];

export type Place =
  | { name: 'overview' | 'account' | 'help' | 'unknown' }
  | { name: 'join'; token: string }
  | { name: ClassTab; classId: number }
  | { name: 'child' | 'change'; studentId: number };

export function placeOf(path: string, hash: string): Place {
  const token = /^#join=(.+)$/.exec(hash)?.[1];
  if (token) return { name: 'join', token: decoded(token) };
  const [, first, id, tab] = /^\/teacher(?:\/(\w+))?(?:\/(\d+))?(?:\/(\w+))?\/?$/.exec(path) ?? [null, 'unknown'];
  if (!first) return { name: 'overview' };
  if (first === 'class' && id) {
    const name = CLASS_TABS.find((one) => one === (tab ?? 'class'));
    if (name) return { name, classId: Number(id) };
  }
  if (first === 'child' && id && (!tab || tab === 'change')) return { name: tab ? 'change' : 'child', studentId: Number(id) };
  if ((first === 'account' || first === 'help') && !id) return { name: first };
  return { name: 'unknown' };
}

/** A hash may be anything that somebody typed. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function addressOf(place: Exclude<Place, { name: 'join' }>): string {
  if ('classId' in place) return `/teacher/class/${place.classId}${place.name === 'class' ? '' : `/${place.name}`}`;
  if ('studentId' in place) return `/teacher/child/${place.studentId}${place.name === 'change' ? '/change' : ''}`;
  return place.name === 'overview' || place.name === 'unknown' ? '/teacher' : `/teacher/${place.name}`;
}

const listeners = new Set<() => void>();
const read = () => location.pathname + location.hash;

export function go(place: Exclude<Place, { name: 'join' }>, { instead = false } = {}): void {
  history[instead ? 'replaceState' : 'pushState'](null, '', addressOf(place));
  listeners.forEach((listener) => listener());
  scrollTo(0, 0);
}

export function usePlace(): Place {
  useSyncExternalStore(subscribe, read);
  return placeOf(location.pathname, location.hash);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    removeEventListener('popstate', listener);
  };
}
