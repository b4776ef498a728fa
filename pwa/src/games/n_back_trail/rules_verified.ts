import { verifiedBy } from '../engine/verified.ts';
import { rules } from './rules.ts';

/** What verifies a round of the game from its trace. */
export const verified = verifiedBy(rules);
