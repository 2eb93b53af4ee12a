import type { IDagVersion } from '../api/types';
import type { ITrans } from '../tokens';
import { formatTime } from './time';

/** "3 (current) · 26 Nov 2026, 11:00 · 2 runs" */
export function versionText(version: IDagVersion, trans: ITrans): string {
  const number = version.version_number;
  return [
    version.is_current ? trans.__('%1 (current)', number) : String(number),
    formatTime(version.created_at),
    trans._n('%1 run', '%1 runs', version.runs)
  ].join(' · ');
}

/** The version to compare with; never the one that is shown. */
export function otherVersion(shown: number | null, comparedWith: number | null): number | null {
  return comparedWith === shown ? null : comparedWith;
}
