import { expect, test } from 'vitest'
import { countryOfZone } from '../src/zone-country.ts'
import { zoneCountries } from './support/zones.ts'

test.each(zoneCountries)('on Workers %s is in %s, as on Node', (zone, country) => {
  expect(countryOfZone(zone)).toBe(country)
})

test('on Workers every zone of a place has a country', () => {
  const zones = Intl.supportedValuesOf('timeZone').filter((zone) => zone.includes('/'))
  expect(zones.length).toBeGreaterThan(400)
  const without = zones.filter((zone) => !zone.startsWith('Etc/') && countryOfZone(zone) === undefined)
  expect(without).toEqual(['Atlantic/Reykjavik'])
})
