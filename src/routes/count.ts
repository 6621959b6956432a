import type { Layer } from '../context.ts'
import { quote, SkerryError } from '../errors.ts'
import { PRIVATE } from '../headers.ts'
import { json, type Reply } from '../reply.ts'

/** How many events the collection has. */
export function count(): Layer {
  return async function count(c): Promise<Reply> {
    return json({ count: await c.get('collection').count() }, 200, PRIVATE)
  }
}

/** How many events have a value of an attribute that the collection is grouped by. */
export function countBy(): Layer {
  return async function countBy(c): Promise<Reply> {
    const attribute = c.req.param('attribute') ?? ''
    const value = c.req.param('value') ?? ''
    const collection = c.get('collection')
    if (!collection.definition.groupBy.includes(attribute)) {
      throw new SkerryError('unknown_attribute', {
        detail: `The collection is not grouped by "${quote(attribute)}".`,
      })
    }
    return json({ count: await collection.countBy(attribute, value) }, 200, PRIVATE)
  }
}
