import type { RedisCommand } from '../../src/store/redis/port.ts'

/** What is particular to Upstash, for both ports that speak to it. */

export interface UpstashOptions {
  readonly url: string
  readonly token: string
}

/** A reply that takes longer is given up: its outcome is unknown, like that of a lost connection. */
export const COMMAND_MS = 1200

/** Upstash locks the whole database for a script unless it promises to touch only its KEYS, as ours do. */
const KEYS_ONLY = '#!lua flags=allow-key-locking\n'

/** The command as Upstash wants it: a script says that it touches only its KEYS. */
export function withFlags(command: RedisCommand): RedisCommand {
  const [name, script, ...args] = command
  return name === 'EVAL' ? [name, `${KEYS_ONLY}${script}`, ...args] : command
}

/** As much of an error as may be told. Servers quote what they were sent, @upstash/redis adds the whole command. */
export function tellable(message: string): string {
  return message.replace(/(?:, command was|['"`]).*/s, '').slice(0, 100)
}
