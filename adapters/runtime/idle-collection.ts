import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Whether there is anything to do is looked at so often, ms. */
const LOOK_MS = 5_000

/** Whose event loop worked for a smaller share of the time has nothing to do. */
const IDLE_SHARE = 0.1

/** Less than this more than after the last collection is not worth another; bytes. */
const WORTH = 8_000_000

/**
 * Collects garbage while there is nothing else to do. V8 collects when memory is asked for, so a process would keep
 * what its start, a busy hour or a seal has left behind for as long as it is quiet. A collection takes 20 to 40 ms.
 */
export function collectWhenIdle(lookMs: number = LOOK_MS): void {
  const collect = exposedCollection()
  let seen = performance.eventLoopUtilization()
  let kept = 0
  const look = (): void => {
    const { utilization } = performance.eventLoopUtilization(seen)
    seen = performance.eventLoopUtilization()
    // Buffers of a collection are let go a little later.
    kept = Math.min(kept, held())
    if (utilization >= IDLE_SHARE || held() < kept + WORTH) return
    collect()
    kept = held()
  }
  setInterval(look, lookMs).unref()
}

/** Bytes of the heap and of buffers beside it, in use or not. */
function held(): number {
  const { heapTotal, external } = process.memoryUsage()
  return heapTotal + external
}

/** V8 puts its collection into contexts that are made while this flag is set. */
function exposedCollection(): () => void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  setFlagsFromString('--no-expose-gc')
  return collect
}
