import { botOf } from '../agent/bot.ts'
import { itemOf, type Row, type TableFormat, unreadable, utcOf } from './reading.ts'

/** GoatCounter's export of page views, of its versions 1 and 2 (the digit stands before the first name). */
export const goatcounter: TableFormat = {
  name: 'goatcounter',
  meaning: "GoatCounter's CSV export of individual page views",
  kind: 'table',
  matches: (columns) => columns.has('FirstVisit') && (columns.has('2Path') || columns.has('1Path')),
  read(row, { host, keep }) {
    const path = row['2Path'] ?? row['1Path'] ?? ''
    const time = utcOf(row.Date)
    if (path === '' || time === undefined) return unreadable
    const agent = row.UserAgent ?? ''
    const isBot = Number(row.Bot) > 0 || (agent !== '' && botOf({ agent }) !== undefined)
    if (isBot && !keep.has('bot')) return { skip: 'bot' }
    const isEvent = row.Event === 'true' || row.Event === '1'
    const page = host === undefined ? path : `https://${host}/${path.replace(/^\//, '')}`
    return itemOf({
      time,
      ...(isEvent ? { name: path.slice(0, 120) } : { page }),
      title: row.Title,
      ...cameFrom(row),
      ...placeOf(row.Location ?? ''),
      ...(agent === '' ? agentOf(row) : { agent }),
      screen: row['Screen size']?.replace(/^(\d+),(\d+).*$/, '$1x$2'),
      visitor: row.Session,
    })
  },
}

/** How it was told where a visit came from: by an address, a name that GoatCounter gave it, or a campaign. */
function cameFrom(row: Row): Readonly<Record<string, string | undefined>> {
  const referrer = row.Referrer
  if (!referrer) return {}
  if (row['Referrer scheme'] === 'g') return { source: referrer }
  if (row['Referrer scheme'] === 'c') return { campaign: referrer }
  return {
    referrer: row['Referrer scheme'] === 'h' && !/^\w+:/.test(referrer) ? `https://${referrer}` : referrer,
  }
}

/** `DE` or `US-CA`. */
function placeOf(location: string): Readonly<Record<string, string | undefined>> {
  const [country] = location.split('-')
  return { country, region: location.includes('-') ? location : undefined }
}

function agentOf(row: Row): Readonly<Record<string, string | undefined>> {
  const [browser, browser_version] = nameAndVersion(row.Browser ?? '')
  const [os, os_version] = nameAndVersion(row.System ?? '')
  return { browser, browser_version, os: SYSTEMS[os] ?? os, os_version }
}

const SYSTEMS: Readonly<Record<string, string>> = { macOS: 'Mac', 'Mac OS': 'Mac', Linux: 'GNU/Linux' }

function nameAndVersion(text: string): readonly [name: string, version: string | undefined] {
  const [, name = text, version] = /^(.*\D) (\d[\d.]*)$/.exec(text) ?? []
  return [name, version]
}
