/** Answers that are remembered; names of zones come from outside. */
const REMEMBERED = 2000

const answers: Map<string, string | undefined> = new Map()

/** Countries by the names that `Intl` prefers, as far as regions have been gone through. */
const countries: Map<string, string> = new Map()
const table: Iterator<readonly [zone: string, country: string]> = zonesOfRegions()

/**
 * The country (ISO 3166-1 alpha-2) of an IANA time zone by any of its names, from the data of `Intl`: the same
 * as tzdata's zone.tab, in which a zone has one country. Undefined for names that are no places, as Etc/UTC
 * and EST, and for Atlantic/Reykjavik, which Firefox and Tor Browser say where they resist fingerprinting.
 */
export function countryOfZone(zone: string): string | undefined {
  const name = zone.toLowerCase()
  if (!ZONE.test(name)) return undefined
  if (answers.has(name)) return answers.get(name)
  const country = lookUp(name)
  if (answers.size >= REMEMBERED) answers.clear()
  answers.set(name, country)
  return country
}

const ZONE = /^[a-z]+\/[\w+/-]{1,40}$/

function lookUp(name: string): string | undefined {
  const zone = preferredName(name)
  if (zone === undefined || zone === 'Atlantic/Reykjavik') return undefined
  while (!countries.has(zone)) {
    const { value, done } = table.next()
    if (done) return undefined
    countries.set(...value)
  }
  return countries.get(zone)
}

function preferredName(zone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

/** Goes through all regions, 0.2 ms each: only as far as somebody asks. */
function* zonesOfRegions(): Generator<readonly [string, string], undefined> {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
  for (const code of letters.flatMap((first) => letters.map((second) => first + second))) {
    const locale: WithZones = new Intl.Locale(`und-${code}`)
    // Regions that are no more, as DD and SU, are read as those that followed them.
    if (locale.region !== code || !names.of(code)) continue
    for (const zone of locale.getTimeZones?.() ?? []) yield [zone, code]
  }
}

/** ECMA-402 has it since 2025. */
interface WithZones extends Intl.Locale {
  getTimeZones?(): readonly string[] | undefined
}
