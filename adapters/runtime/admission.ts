/** How long a request may wait for those before it, ms. */
const WAIT_MS = 250

/** Throughput is measured over so long, ms. */
const WINDOW_MS = 100

/** So much is always admitted; with less there is nothing to learn from. */
const LEAST = 256_000

/** What is admitted as long as nothing has been learnt. */
const INITIAL = 1_000_000

/** Keeps account of what is worked upon. Weights are bytes, or whatever grows with the work. */
export interface Admission {
  /** Whether so much is worked upon already that one more would wait for too long. */
  isFull(): boolean
  /** Takes account of a piece of work, until it is answered. */
  begin(weight: number): void
  answer(weight: number): void
}

/** Admits as much as is answered in 250 ms, by Little's law: what waits is what comes in times how long it waits. */
export function createAdmission(clock: () => number): Admission {
  let limit = INITIAL
  let working = 0
  let answered = 0
  let since = clock()

  function learn(): void {
    const now = clock()
    if (working >= LEAST && now - since < WINDOW_MS) return
    if (working >= LEAST) limit = Math.max(LEAST, (answered / (now - since)) * WAIT_MS)
    since = now
    answered = 0
  }

  return {
    isFull(): boolean {
      learn()
      return working >= limit
    },
    begin(weight): void {
      working += weight
    },
    answer(weight): void {
      working -= weight
      answered += weight
    },
  }
}
