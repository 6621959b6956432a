import * as z from 'zod/mini'
import type { Layer, Layers } from '../context.ts'
import { toRow } from '../export/row.ts'
import { PRIVATE } from '../headers.ts'
import { document } from '../middleware/document.ts'
import { valid, validated } from '../middleware/validated.ts'
import { type RefusedSample, refusalCodes, refusedLimits } from '../refusal.ts'

/** What was refused: numbers by reason, by day, by agent and page, and the newest events. */
export function refused(): Layer {
  return async function refused(c): Promise<Response> {
    const { sample, ...report } = await c.get('collection').refused()
    return c.json({ ...report, sample: sample.map(shown) }, 200, PRIVATE)
  }
}

function shown({ code, bot, event }: RefusedSample): Readonly<Record<string, unknown>> {
  const time = new Date(event.time).toISOString()
  return { id: event.id, time, code, ...(bot !== undefined && { bot }), event: toRow(event) }
}

const ids = z.array(z.string()).check(z.minLength(1), z.maxLength(refusedLimits.restoredIds))
const restoreSchema = z.union([z.strictObject({ ids }), z.strictObject({ code: z.enum(refusalCodes) })])

/** Counts refused events after all: those of the ids, or all that were refused for a reason. */
export function restore(): Layers {
  return {
    document: document(),
    validate: validated('json', restoreSchema, 'invalid_query'),
    async restore(c): Promise<Response> {
      const restored = await c.get('collection').restore(valid(c, 'json', restoreSchema))
      return c.json({ restored }, 200, PRIVATE)
    },
  }
}
