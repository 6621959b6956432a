import { expect, test } from 'vitest'
import { expectExact } from './audit.ts'
import { figure, isLong } from './scale.ts'
import { type Account, newAccount, sendTraffic } from './traffic.ts'
import { startWorkerd, type Workerd } from './workerd.ts'

const ENTRY = 'test/faults/object.workers.ts'
const TIMES = isLong ? 50 : 5

/** workerd lets go of an object that nobody called for 10 s. */
const EVICTION_MS = 13_000

/** Sends beacons while something is done, and gives how many were answered with what. */
async function underTraffic(url: string, account: Account, work: () => Promise<unknown>): Promise<void> {
  const ending = new AbortController()
  const sending = sendTraffic(url, account, { connections: 16, until: ending.signal })
  await sleep(100 + 200 * Math.random())
  await work()
  ending.abort()
  await sending
}

async function begun({ url }: Workerd): Promise<number> {
  return Number(await (await fetch(`${url}/begun`)).text())
}

function tell(fault: string, { made, acknowledged, answers }: Account): void {
  const refused = (answers.get(503) ?? 0) + (answers.get(0) ?? 0)
  figure(`object ${fault}`, {
    ...{ sent: made, acknowledged: acknowledged.size, 'of unknown outcome': refused },
    ...{ lost: 0, doubled: 0 },
  })
}

test('an object that is aborted under load loses nothing, and retries count once', {
  timeout: isLong ? 600_000 : 120_000,
}, async ({ onTestFinished }) => {
  const workerd = await startWorkerd(ENTRY)
  onTestFinished(() => workerd.stop())
  const account = newAccount()
  for (let i = 0; i < TIMES; i++) {
    await underTraffic(workerd.url, account, async () => {
      await fetch(`${workerd.url}/abort`)
      await sleep(100)
    })
    await expectExact(workerd.url, account)
  }
  expect(await begun(workerd)).toBeGreaterThan(TIMES)
  expect([...account.answers.keys()].filter((status) => ![201, 503].includes(status))).toEqual([])
  tell('aborted', account)
})

test.each([
  ['killed', 'SIGKILL'],
  ['deployed anew', 'SIGTERM'],
] as const)(
  'an object that is %s under load loses nothing, and retries count once',
  {
    timeout: 300_000,
  },
  async (fault, signal) => {
    let workerd = await startWorkerd(ENTRY)
    const account = newAccount()
    try {
      for (let i = 0; i < TIMES; i++) {
        await underTraffic(workerd.url, account, async () => {
          workerd.child.signal(signal)
          await workerd.child.ended
        })
        workerd = await workerd.again()
        await expectExact(workerd.url, account)
      }
      tell(fault, account)
    } finally {
      await workerd.stop()
    }
  },
)

if (isLong)
  test('an object that nobody called for a while is let go of, and goes on', {
    timeout: isLong ? 600_000 : 120_000,
  }, async () => {
    const workerd = await startWorkerd(ENTRY)
    const account = newAccount()
    for (let i = 1; i <= 3; i++) {
      await underTraffic(workerd.url, account, () => sleep(300))
      expect(await begun(workerd)).toBe(i)
      await sleep(EVICTION_MS)
    }
    expect([...account.answers.keys()]).toEqual([201])
    await expectExact(workerd.url, account)
    tell('evicted', account)
    await workerd.stop()
  })

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
