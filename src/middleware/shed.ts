import type { Layer, SkerryContext } from '../context.ts'
import { overloaded } from '../errors.ts'

export interface ShedOptions {
  /** Whether a request comes while too much waits. */
  readonly isFull: (c: SkerryContext) => boolean
}

/** Turns a beacon away before its body is read while too much waits. */
export function shed({ isFull }: ShedOptions): Layer {
  return function shed(c, next): Promise<void> {
    return isFull(c) ? Promise.reject(overloaded()) : next()
  }
}
