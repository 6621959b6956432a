import type { Layer } from '../context.ts'
import { PRIVATE } from '../headers.ts'
import type { Reply } from '../reply.ts'
import { OPENMETRICS, openMetrics } from '../telemetry/openmetrics.ts'
import type { Samples } from '../telemetry.ts'

export interface MetricsOptions {
  /** What all processes that share the store have counted. */
  readonly readMetrics: () => Promise<Samples>
}

/** What the operator watches, as OpenMetrics text. */
export function metrics({ readMetrics }: MetricsOptions): Layer {
  return async function metrics(): Promise<Reply> {
    const body = openMetrics(await readMetrics())
    return { status: 200, body, headers: { ...PRIVATE, 'Content-Type': OPENMETRICS } }
  }
}
