import type { Layer } from '../context.ts'
import { overloaded } from '../errors.ts'

export interface ShedOptions {
  /** Whether nothing more can wait for the store. */
  readonly isFull: () => boolean
}

/** Turns a beacon away before its body is read while too much waits for the store. */
export function shed({ isFull }: ShedOptions): Layer {
  return function shed(_c, next): Promise<void> {
    return isFull() ? Promise.reject(overloaded()) : next()
  }
}
