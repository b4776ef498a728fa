/** The page's other tabs: what one does about the sign-in, all of them see at once. */

let channel: BroadcastChannel | undefined;

/** `look` is called when another tab has signed in or out. A browser without channels sees it at its next look. */
export function followOtherTabs(look: () => void): void {
  if (typeof BroadcastChannel !== 'function') return;
  channel = new BroadcastChannel('neuroplay-adults');
  channel.onmessage = look;
}

export function tellOtherTabs(): void {
  channel?.postMessage('look');
}
