import { placeOf } from '../place.ts'
import { put, type Step } from './making.ts'

/** Country, region and city: as given, else where the address is, else the country of the browser's time zone. */
export const place: Step = (making, { sender, locate }) => {
  const { given, isOwn, address } = making
  const known = isOwn ? sender.client.place() : address === undefined ? undefined : locate(address)
  const of = { country: given('country'), region: given('region'), city: given('city') }
  const found = placeOf(of, known, given('zone'))
  put(making, 'country', found.country)
  put(making, 'region', found.region)
  put(making, 'city', found.city)
  put(making, 'zone', found.zone)
}
