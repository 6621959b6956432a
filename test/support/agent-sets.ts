import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import crawlers from 'crawler-user-agents'

const require = createRequire(import.meta.url)

/** An agent as it was met, with the kind of device it was met on and its share of all visits. */
export interface Visitor {
  readonly agent: string
  readonly device: 'Desktop' | 'Mobile' | 'Tablet'
  readonly weight: number
}

/** An agent, and what somebody else reads in it. */
export interface Case {
  readonly agent: string
  readonly family: string
  readonly major: number | undefined
}

const devices = { desktop: 'Desktop', mobile: 'Mobile', tablet: 'Tablet' } as const

/** 10,000 visitors of real sites, by frequency (npm `user-agents`, BSD-2-Clause). */
export function realVisitors(): readonly Visitor[] {
  const file = join(dirname(require.resolve('user-agents')), 'user-agents.json')
  const visitors = JSON.parse(readFileSync(file, 'utf8')) as readonly {
    readonly userAgent: string
    readonly deviceCategory: keyof typeof devices
    readonly weight: number
  }[]
  return visitors.map((one) => ({
    agent: one.userAgent,
    device: devices[one.deviceCategory],
    weight: one.weight,
  }))
}

/** Bots as they were met (npm `crawler-user-agents`, MIT). */
export function knownCrawlers(): readonly string[] {
  return [...new Set(crawlers.flatMap(({ instances }) => instances))]
}

const CASE = /user_agent_string: (['"])(.*)\1\s+family: ['"](.*)['"](?:\s+major: ?['"]?(\d+))?/g

/** A file of uap-core's tests, which npm `ua-parser` carries (Apache-2.0), `test_resources/NAME.yaml`. */
export function uapCases(name: string): readonly Case[] {
  const folder = join(dirname(require.resolve('ua-parser/package.json')), 'test_resources')
  const text = readFileSync(join(folder, `${name}.yaml`), 'utf8')
  return Array.from(text.matchAll(CASE), ([, quote, agent = '', family = '', major]) => ({
    agent: quote === "'" ? agent.replaceAll("''", "'") : agent.replace(/\\(.)/g, '$1'),
    family,
    major: major === undefined ? undefined : Number(major),
  }))
}

/** Rows of `test/fixtures/agents/NAME.tsv`, by columns. */
export function agentRows(name: string): readonly [agent: string, ...expected: string[]][] {
  const text = readFileSync(new URL(`../fixtures/agents/${name}.tsv`, import.meta.url), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [agent = '', ...expected] = line.split('\t')
      return [agent, ...expected]
    })
}

/** What was read otherwise than it was meant, as a test's message shows it. */
export function told(wrong: readonly string[], all: number): string {
  return [`${wrong.length} of ${all} wrong`, ...wrong.slice(0, 20)].join('\n')
}
