export type RedisReply = string | number | null | readonly RedisReply[]

/** A command's name in upper case (clients reshape the replies of some lower-case ones) and its arguments. */
export type RedisCommand = readonly [name: Uppercase<string>, ...args: readonly (string | number)[]]

/**
 * What a Redis client must do for us: send one command once, and give its reply as it is. It never
 * repeats a command, never waits for ever, and rejects with the server's error.
 */
export interface RedisPort {
  send(command: RedisCommand): Promise<RedisReply>
  /** The same to every server that takes writes, where there may be several. */
  each?(command: RedisCommand): Promise<readonly RedisReply[]>
  close(): Promise<void>
}
