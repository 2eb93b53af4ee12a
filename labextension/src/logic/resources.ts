import type { ITrans } from '../tokens';

/** "2 CPUs · 512 MB of memory": what the author of a task says it needs; empty for nothing. */
export function resourcesText(resources: Record<string, number>, trans: ITrans): string {
  const { cpus, gpus, ram, disk } = resources;
  return [
    cpus !== undefined && trans._n('%1 CPU', '%1 CPUs', cpus),
    ram !== undefined && trans.__('%1 MB of memory', ram),
    disk !== undefined && trans.__('%1 MB of disk', disk),
    gpus !== undefined && trans._n('%1 GPU', '%1 GPUs', gpus)
  ]
    .filter(text => text !== false)
    .join(' · ');
}
