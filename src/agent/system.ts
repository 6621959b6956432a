import type { AgentFacts, Hints } from './agent.ts'
import { shortVersion, shownVersion } from './version.ts'

type System = Pick<AgentFacts, 'os' | 'os_version'>

/**
 * Systems, each with a pattern of what an agent in lower case says before the version. The first that holds
 * is the system, since agents also name those they imitate.
 */
const systems = String.raw`Windows Phone~windows phone(?: os)?|iemobile
HarmonyOS~harmony(?:os)?
KaiOS
Tizen
Android~(?<!like )andr[o0]id|\badr
iOS~\bip(?:hone|od|ad(?=.*? os (?:\d|1[0-2])_))(?:.*? os)?|\bios\b|darwin/[\d.]+(?!.*86)
iPadOS~\bipad(?:.*? os)?|\bmacintosh(?=.*(?:cr|fx|edg)ios/)
Mac~\bmac(?:.*mac)? os x|\bmac(?:intosh|_power)|darwin/[\d.]+
Windows~\bwin(?:dows|9|nt|32)(?: nt)?
Chrome OS~\bcros\b
webOS~web0s|webos
PlayStation
Nintendo
FreeBSD
GNU/Linux~linux|x11`
  .split('\n')
  .map((line) => {
    const [os = '', pattern = os.toLowerCase()] = line.split('~')
    return [os, new RegExp(`(?:${pattern})[ /-]?(\\d{1,6}(?:[._]\\d{1,6})?)?`)] as const
  })

/** Windows by the version of its kernel, which stopped at 10; what is older is not told apart. */
const windows: Readonly<Record<string, string>> = {
  6.1: '7',
  6.2: '8',
  6.3: '8.1',
  10: '10/11',
}

/** Systems by `sec-ch-ua-platform`. Linux is not among them: televisions say it, whose agents say more. */
const PLATFORM = /^"(Windows|Android|Chrome OS|macOS)"$/

/** The system by its hints, as far as they tell it, else by the agent in lower case. */
export function readSystem(ua: string, { platform = '', platformVersion = '' }: Hints): System {
  const told = systemOf(ua)
  const hint = PLATFORM.exec(platform)?.[1]
  const os = hint === 'macOS' ? 'Mac' : (hint ?? told.os)
  return {
    os,
    os_version: hintedVersion(os, platformVersion) ?? (os === told.os ? told.os_version : undefined),
  }
}

/** Windows 11 says 13 or more, those before 10 say 0. */
function hintedVersion(os: string | undefined, hint: string): string | undefined {
  const version = Number.parseFloat(hint.slice(1))
  if (!(version >= 1 && version < 1000)) return undefined
  if (os === 'Windows') return version < 13 ? '10' : '11'
  return os === 'Mac' || os === 'Android' ? `${version}` : undefined
}

function systemOf(ua: string): System {
  for (const [os, pattern] of systems) {
    const match = pattern.exec(ua)
    if (match) return { os, os_version: match[1] && honestVersion(os, shortVersion(match[1]), ua) }
  }
  return {}
}

/**
 * A version that claims no more than the agent can know. Windows after 10, macOS after 10.15 and, in Chrome
 * (which then calls every model "K"), Android after 10 go on saying these. WebKit says iOS 18.6 or 18.7
 * since iOS 26, but Safari's version is its system's.
 */
function honestVersion(os: string, version: string, ua: string): string | undefined {
  if (os === 'Windows') return windows[version]
  if (/^iP?a?d?OS$/.test(os)) {
    const shown = shownVersion(ua)
    if (shown) return Number(shown) > Number(version) ? shortVersion(shown) : version
    return /^18\.[67]/.test(version) ? '18+' : version
  }
  const isFrozen = os === 'Mac' ? version === '10.15' : ua.includes('android 10; k)')
  return isFrozen ? `${version}+` : version
}
