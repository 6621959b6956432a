import { readBrowser } from './browser.ts'
import { cacheAgents } from './cache.ts'
import { type Device, readDevice } from './device.ts'
import { readSystem } from './system.ts'

/** What a browser says of itself beside `User-Agent`: its client hints' values as sent (User-Agent Client Hints). */
export interface Hints {
  /** `sec-ch-ua`: brands and their versions, one of them made up. */
  readonly ua?: string | undefined
  /** `sec-ch-ua-mobile`: `?1` or `?0`. */
  readonly mobile?: string | undefined
  /** `sec-ch-ua-platform`. */
  readonly platform?: string | undefined
  /** `sec-ch-ua-platform-version`, which only a page that asks for it gets. */
  readonly platformVersion?: string | undefined
  /** `sec-ch-ua-form-factors`, likewise. */
  readonly formFactors?: string | undefined
}

/** What an agent is read as, in the names that Plausible shows; undefined where it does not tell. */
export interface AgentFacts {
  readonly browser?: string | undefined
  /** Major and minor, without a minor that is 0: `156`, `17.4`. */
  readonly browser_version?: string | undefined
  readonly os?: string | undefined
  /** As the browser's; `10/11`, `10+` where later systems say the same. */
  readonly os_version?: string | undefined
  readonly device?: Device | undefined
}

/** Reads an agent and the hints that came with it. */
export function readAgent(agent: string, hints: Hints = {}): AgentFacts {
  return agents(agent, hints)
}

const agents = cacheAgents<AgentFacts>((agent, hints) => {
  const ua = agent.toLowerCase()
  const system = readSystem(ua, hints)
  return { ...readBrowser(ua, system.os, hints.ua), ...system, device: readDevice(ua, system.os, hints) }
})
