import { eventLimits } from './event.ts'
import { cleanText } from './text.ts'
import { countryOfZone } from './zone-country.ts'

/** Where somebody is, and who says so. Without a country: he hides it, and nobody should guess. */
export interface Place {
  /** A platform's name, or `geoip`. */
  readonly by: string
  /** ISO 3166-1 alpha-2. */
  readonly country?: string
  /** ISO 3166-2, as DE-BE. */
  readonly region?: string
  /** Its name. */
  readonly city?: string
}

/** Where an address is, by a database. */
export type Locate = (address: string) => Place | undefined

/** What an event says of a place. */
export type PlaceFields = Partial<
  Readonly<Record<'country' | 'region' | 'city' | 'zone', string | undefined>>
>

/**
 * A place as others give it: country and region as codes, a city's name. Undefined without a country, and for
 * codes that are none of ISO 3166 (XX unknown, EU, A1, AP …); Kosovo's XK is in use and stays. Cloudflare's
 * T1 is Tor, whose exit is nobody's place.
 */
export function makePlace(by: string, country = '', region = '', city = ''): Place | undefined {
  const code = country.toUpperCase()
  if (code === 'T1') return { by }
  if (!COUNTRY.test(code)) return undefined
  const part = REGION.exec(region.toUpperCase())
  const name = cleanText(city)
  return {
    by,
    country: code,
    ...(part && (part[1] ?? code) === code && { region: `${code}-${part[2]}` }),
    ...(name !== '' && name.length <= eventLimits.text && { city: name }),
  }
}

const COUNTRY = /^(?!AA|AP|EU|Q[M-Z]|X[A-JL-Z]|ZZ)[A-Z]{2}$/
const REGION = /^(?:([A-Z]{2})-)?([A-Z\d]{1,3})$/

/**
 * The place that an event keeps: as the sender gave it, if he may; else as platform or database know it; else
 * the country of the page's time zone. The zone stays with the event only where nothing better is known: an
 * event with a zone has its country, if any, inferred from it.
 */
export function placeOf(given: PlaceFields, known: Place | undefined, zone: string | undefined): PlaceFields {
  if (given.country ?? given.region ?? given.city) return { ...given, ...(zone && { zone }) }
  if (known) {
    const { by: _by, ...place } = known
    return place
  }
  const country = zone && countryOfZone(zone)
  return { ...(country && { country }), ...(zone && { zone }) }
}
