import type { Hints } from './agent.ts'

export type Device = 'Desktop' | 'Mobile' | 'Tablet' | 'TV' | 'Console'

const CONSOLE = /playstation|nintendo|\bxbox\b/
const TV = /\btv|tv\b|smart-?tv|\bomi\/|vidaa|netcast|web0s|andr0id|crkey|bravia|roku|\baft[a-z]/
const TABLET =
  /ipad|tablet(?! pc)|kindle|silk\/(?!.*mobile)|\bapad|\btab\b|\bpad\d?\b|\btb-?[\dxj]|-[wl]09|\bsm-[tx]\d|nexus (?:7|9|10)\b|\bkf[a-z]{3}/
const MOBILE =
  /mobi|phone|ipod|midp|symb|blackberry|bb10|nokia|ucweb|opera mini|kaios|up\.browser|palm|dalvik/

const FORM_FACTOR = /"(Desktop|Mobile|Tablet)"/

/** The kind of device by its hints, else by the agent in lower case and its system. */
export function readDevice(ua: string, os: string | undefined, hints: Hints): Device | undefined {
  if (CONSOLE.test(ua)) return 'Console'
  if (TV.test(ua)) return 'TV'
  const factor = FORM_FACTOR.exec(hints.formFactors ?? '')?.[1]
  if (factor) return factor as Device
  if (hints.mobile === '?1') return 'Mobile'
  if (os === 'iPadOS' || TABLET.test(ua)) return 'Tablet'
  if (os === 'iOS' || (hints.mobile !== '?0' && MOBILE.test(ua))) return 'Mobile'
  if (os === 'Android' || os === 'HarmonyOS') return 'Tablet'
  return ua ? 'Desktop' : undefined
}
