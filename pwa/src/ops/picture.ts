/** The answer of GET /ops/figures: the figures that `neuroplay metrics` prints. */

interface Times {
  count: number;
  failed: number;
  per_second: number | null;
  p50_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
}

export interface Picture {
  window_s: number | null;
  all: Times & { failed_share: number | null };
  requests: (Times & { endpoint: string })[];
  errors: { error_type: string; component: string; count: number }[];
  games: { game_type: string; count: number; per_minute: number | null }[];
  inbox: Record<string, number>;
  oldest_pending_s: number | null;
  active_users: number | null;
  workers: number | null;
  devices: { holding: number | null; sessions: number | null; oldest_s: number | null };
  cache_hit_rate: number | null;
  host: { cpu: number | null; memory: number | null; disk: number | null };
  sources: Record<string, number>;
}

export interface Tile {
  name: string;
  value: string;
  /** 'bad' needs attention now, 'look' soon. */
  mood: 'well' | 'look' | 'bad';
}

const NOTHING = '–';

export function number(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  const digits = Number.isInteger(value) || value >= 100 ? 0 : 1;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function share(value: number | null): string {
  return value === null ? NOTHING : `${(value * 100).toFixed(value > 0 && value < 0.1 ? 1 : 0)} %`;
}

export function milliseconds(value: number | null): string {
  return value === null ? NOTHING : `${number(value)} ms`;
}

export function duration(seconds: number | null): string {
  if (!seconds) return NOTHING;
  const units: [number, string][] = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
  const [size, unit] = units.find(([least]) => seconds >= least) ?? [1, 's'];
  return `${Math.round(seconds / size)} ${unit}`;
}

const mood = (value: number | null | undefined, look: number, bad: number): Tile['mood'] =>
  value === null || value === undefined || value < look ? 'well' : value < bad ? 'look' : 'bad';

/** One text per source that does not respond. */
export function silent(picture: Picture): string[] {
  return Object.entries(picture.sources).filter(([, up]) => !up).map(([name]) => `${name}: no response`);
}

/** The limits are those of the alerts. */
export function tiles(picture: Picture): Tile[] {
  const { all, inbox, devices, host } = picture;
  const games = picture.games.reduce((sum, game) => sum + (game.per_minute ?? 0), 0);
  return [
    { name: 'Requests per second', value: number(all.per_second), mood: 'well' },
    { name: 'Response time p95', value: milliseconds(all.p95_ms), mood: mood(all.p95_ms, 250, 500) },
    { name: 'Failed requests', value: share(all.failed_share), mood: mood(all.failed_share, 0.001, 0.01) },
    { name: 'Workers', value: number(picture.workers), mood: picture.workers === 0 ? 'bad' : 'well' },
    { name: 'Pending games', value: number(inbox.pending), mood: mood(inbox.pending, 500, 1000) },
    { name: 'Oldest pending', value: duration(picture.oldest_pending_s), mood: mood(picture.oldest_pending_s, 60, 300) },
    { name: 'Failed games', value: number(inbox.failed), mood: mood(inbox.failed, 1, 1000) },
    { name: 'Held games', value: number(inbox.held), mood: 'well' },
    { name: 'Children online', value: number(picture.active_users), mood: 'well' },
    { name: 'Games per minute', value: number(picture.window_s === null ? null : games), mood: 'well' },
    { name: 'Unsent games', value: number(devices.sessions), mood: 'well' },
    { name: 'Cache hits', value: share(picture.cache_hit_rate), mood: 'well' },
    { name: 'CPU', value: share(host.cpu), mood: mood(host.cpu, 0.7, 0.8) },
    { name: 'Memory', value: share(host.memory), mood: mood(host.memory, 0.7, 0.8) },
    { name: 'Disk', value: share(host.disk), mood: mood(host.disk, 0.8, 0.9) },
  ];
}
