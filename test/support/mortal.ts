import { unavailable } from '../../src/errors.ts'
import type { RedisPort } from '../../src/store/redis/port.ts'
import type { SqlPort } from '../../src/store/sql/port.ts'
import type { Store } from '../../src/store/store.ts'

/**
 * What befalls a process at one of its calls. `dies before`: the call is not made, nor any other; `dies after`: it
 * is made, but the process dies before its answer. `refused` and `lost`: the same without the death, the call fails
 * and the process lives on. `late`: the call comes late, after others did the same. `busy`: it comes late, after
 * this process itself did other things.
 */
export type Fate = 'dies before' | 'dies after' | 'refused' | 'lost' | 'late' | 'busy'

/** A process whose calls are counted, and that meets its fate at one of them. */
export interface Life {
  /** The calls so far, by name. */
  readonly calls: readonly string[]
  /** It died. */
  readonly isOver: boolean
  /** Whether the call came at which its fate was waiting. */
  readonly hasMet: boolean
  /** Whether calls go by uncounted and nothing befalls it. */
  isAtRest: boolean
  /** Does one call, as far as its fate lets it. */
  call<T>(name: string, work: () => Promise<T>): Promise<T>
  /** The same of a call that does not wait; it cannot be late. */
  callNow<T>(name: string, work: () => T): T
}

/** `meanwhile`: what is done before a call that comes late. */
export function createLife(step: number, fate: Fate, meanwhile: () => Promise<void>): Life {
  const calls: string[] = []
  let isOver = false

  /** Counts a call. Whether it is the fatal one. */
  function begin(name: string): boolean {
    if (isOver) fail('a dead process calls')
    if (life.isAtRest) return false
    calls.push(name)
    const isFatal = calls.length === step
    if (isFatal && fate === 'dies before') die()
    if (isFatal && fate === 'refused') fail('refused')
    return isFatal
  }

  function end(isFatal: boolean): void {
    if (isOver || (isFatal && fate === 'dies after')) die()
    if (isFatal && fate === 'lost') fail('the answer is lost')
  }

  function die(): never {
    isOver = true
    return fail('the process died')
  }

  const life: Life = {
    calls,
    isAtRest: false,
    get isOver(): boolean {
      return isOver
    },
    get hasMet(): boolean {
      return calls.length >= step
    },
    async call(name, work) {
      const isFatal = begin(name)
      if (isFatal && isLate(fate)) await meanwhile()
      const answer = await work()
      end(isFatal)
      return answer
    },
    callNow(name, work) {
      const isFatal = begin(name)
      const answer = work()
      end(isFatal)
      return answer
    },
  }
  return life
}

/** Whether nothing fails, but takes its time. */
export function isLate(fate: Fate): boolean {
  return fate === 'late' || fate === 'busy'
}

/** As the adapters of the stores say it. */
function fail(why: string): never {
  throw unavailable(new Error(why))
}

/** A store as a mortal process has it: every method is a call. */
export function mortalStore(store: Store, life: Life): Store {
  return {
    ...store,
    append: (appends) => life.call('append', () => store.append(appends)),
    tail: (...of) => life.call('tail', () => store.tail(...of)),
    clear: (collection) => life.call('clear', () => store.clear(collection)),
    put: (...of) => life.call('put', () => store.put(...of)),
    parts: (...of) => life.call('parts', () => store.parts(...of)),
    commit: (...of) => life.call('commit', () => store.commit(...of)),
    remove: (...of) => life.call('remove', () => store.remove(...of)),
  }
}

/** A Redis as a mortal process has it: every command is a call. */
export function mortalRedis(redis: RedisPort, life: Life): RedisPort {
  return {
    send: (command) => life.call(String(command[0]), () => redis.send(command)),
    close: () => redis.close(),
  }
}

/** An SQLite as a mortal process has it: every statement is a call, and so is every transaction around some. */
export function mortalSql(sql: SqlPort, life: Life): SqlPort {
  return {
    exec: (text, ...values) =>
      life.callNow(text.trim().split(/\s/)[0] ?? '', () => sql.exec(text, ...values)),
    transaction: (work) => life.callNow('TRANSACTION', () => sql.transaction(work)),
    close: () => sql.close(),
  }
}
