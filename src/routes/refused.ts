import * as z from 'zod/mini'
import type { Layer, Layers } from '../context.ts'
import { toRow } from '../export/row.ts'
import { PRIVATE } from '../headers.ts'
import { isObject } from '../json.ts'
import { document } from '../middleware/document.ts'
import { valid, validated } from '../middleware/validated.ts'
import {
  type RefusalCode,
  type RefusedSample,
  type RestoreSelection,
  refusalCodes,
  refusedLimits,
} from '../refusal.ts'
import { json, type Reply } from '../reply.ts'

/** What was refused: numbers by reason, by day, by agent and page, and the newest events. */
export function refused(): Layer {
  return async function refused(c): Promise<Reply> {
    const { sample, ...report } = await c.get('collection').refused()
    return json({ ...report, sample: sample.map(shown) }, 200, PRIVATE)
  }
}

function shown({ code, bot, event }: RefusedSample): Readonly<Record<string, unknown>> {
  const time = new Date(event.time).toISOString()
  return { id: event.id, time, code, ...(bot !== undefined && { bot }), event: toRow(event) }
}

const { restoredIds } = refusedLimits
const restoreSchema = z.custom<RestoreSelection>(
  isSelection,
  `must be {"ids": 1 to ${restoredIds} strings} or {"code": ${refusalCodes.join(' or ')}}`,
)

function isSelection(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).length !== 1) return false
  const { ids, code } = value
  if (!Array.isArray(ids)) return refusalCodes.includes(code as RefusalCode)
  return ids.length > 0 && ids.length <= restoredIds && ids.every((id) => typeof id === 'string')
}

/** Counts refused events after all: those of the ids, or all that were refused for a reason. */
export function restore(): Layers {
  return {
    document: document(),
    validate: validated('json', restoreSchema, 'invalid_query'),
    async restore(c): Promise<Reply> {
      const restored = await c.get('collection').restore(valid(c, 'json', restoreSchema))
      return json({ restored }, 200, PRIVATE)
    },
  }
}
