import type { Layer } from '../context.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { SkerryError } from '../errors.ts'
import type { Reply } from '../reply.ts'

/** Tells the errors of layers further in as the dialect does. Faults of ours are told as everywhere, and logged. */
export function speak({ refuse }: Dialect): Layer {
  return async function speak(_c, next): Promise<Reply | void> {
    try {
      await next()
    } catch (error) {
      const reply = error instanceof SkerryError && error.status < 500 ? refuse(error) : undefined
      if (!reply) throw error
      return reply
    }
  }
}
