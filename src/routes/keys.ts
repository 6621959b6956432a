import * as z from 'zod/mini'
import type { Layer, Layers } from '../context.ts'
import { oneOf } from '../definition.ts'
import { SkerryError } from '../errors.ts'
import { PRIVATE } from '../headers.ts'
import { madeKinds, type StoredKey } from '../key.ts'
import { document } from '../middleware/document.ts'
import { valid, validated } from '../middleware/validated.ts'
import type { Registry } from '../registry.ts'
import { empty, json, type Reply } from '../reply.ts'

export interface KeysOptions {
  readonly registry: Registry
}

const keySchema = z.strictObject({ kind: oneOf(madeKinds) })

export function listKeys({ registry }: KeysOptions): Layer {
  return async function listKeys(c): Promise<Reply> {
    const keys = await registry.keys(c.req.param('name') ?? '')
    return json({ keys: keys.map(shown) }, 200, PRIVATE)
  }
}

/** Makes a key. A secret one is seen this once. */
export function addKey({ registry }: KeysOptions): Layers {
  return {
    document: document(),
    validate: validated('json', keySchema, 'invalid_definition'),
    async addKey(c): Promise<Reply> {
      const { kind } = valid(c, 'json', keySchema)
      return json(await registry.addKey(c.req.param('name') ?? '', kind), 201, PRIVATE)
    },
  }
}

export function removeKey({ registry }: KeysOptions): Layer {
  return async function removeKey(c): Promise<Reply> {
    const isThere = await registry.removeKey(c.req.param('name') ?? '', c.req.param('id') ?? '')
    if (!isThere) throw new SkerryError('unknown_key')
    return empty(204)
  }
}

function shown({ id, kind, created, key }: StoredKey): Omit<StoredKey, 'digest'> {
  return { id, kind, created, ...(key !== undefined && { key }) }
}
