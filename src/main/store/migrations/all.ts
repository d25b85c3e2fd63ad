/** @file Every migration, oldest first. Imported statically, so that none can be missing from a package. */
import type { Migration } from '../migrate.ts';
import { initial } from './0010-initial.ts';

export const migrations: readonly Migration[] = [initial];
