import { gameModule } from '../engine/mount.ts';
import { game } from './game.ts';

export const module = gameModule(game);
