import { hostname } from 'node:os'
import type { Cache } from '../../src/engine/cache.ts'
import type { Queue } from '../../src/store/group-commit.ts'
import type { Vitals } from '../../src/telemetry/create.ts'

const started = Math.round(Date.now() / 1000 - process.uptime())

/** What this process tells of itself. */
export function processVitals(queue: Queue, cache: Cache): Vitals {
  const { additions, characters } = queue.waiting()
  const { user, system } = process.cpuUsage()
  return {
    process: `${hostname()}:${process.pid}`,
    values: {
      skerry_queue_beacons: additions,
      skerry_queue_bytes: characters,
      skerry_cache_bytes: cache.bytes,
      process_resident_memory_bytes: process.memoryUsage.rss(),
      process_cpu_seconds: (user + system) / 1e6,
      process_start_time_seconds: started,
    },
  }
}
