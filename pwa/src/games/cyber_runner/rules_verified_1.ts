import { verifiedBy } from '../engine/verified.ts';
import { rules } from './rules_1.ts';

/** Version 1: tablets stay offline for weeks. */
export const verified = verifiedBy(rules);
