import type { Hints } from './agent.ts'

type Read<T> = (agent: string, hints: Hints) => T

/** What an agent with certain hints was read as. */
interface Reading<T> {
  readonly hints: Hints
  readonly value: T
}

/** Of an agent no more is read, and longer hints than that are not held, characters. */
const LENGTH = 512
/** Readings held of an agent, agents in a generation, and questions after which it ends however few it saw. */
const [VARIANTS, AGENTS, AGE] = [4, 1000, 50_000]

/**
 * Reads each agent once, cut to its length, since a few of them make up most visits. Agents help to tell
 * people apart: they are held in memory only, and no longer than they are of use, which is until a whole
 * generation passed without a question about them; two are held. Nothing may write them anywhere from here.
 */
export function cacheAgents<T>(read: Read<T>): Read<T> {
  let young = new Map<string, Reading<T>[]>()
  let old = young
  let age = 0
  return (agent, hints) => {
    const cut = agent.slice(0, LENGTH)
    if (young.size >= AGENTS || ++age > AGE) [old, young, age] = [young, new Map(), 0]
    let readings = young.get(cut)
    if (!readings) {
      readings = old.get(cut) ?? []
      young.set(cut, readings)
    }
    for (const reading of readings) if (isSame(reading.hints, hints)) return reading.value
    const value = read(cut, hints)
    const isUsual = Object.values(hints).join('').length <= LENGTH
    if (isUsual && readings.push({ hints, value }) > VARIANTS) readings.shift()
    return value
  }
}

function isSame(one: Hints, other: Hints): boolean {
  return (
    one.ua === other.ua &&
    one.mobile === other.mobile &&
    one.platform === other.platform &&
    one.platformVersion === other.platformVersion &&
    one.formFactors === other.formFactors
  )
}
