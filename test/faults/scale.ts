/** Whether faults are tried in full, `npm run test:faults`; else a few of each, as part of `npm test`. */
export const isLong = process.env.FAULTS === 'long'

/** Tells what a fault came to, one line each. */
export function figure(fault: string, values: Readonly<Record<string, number | string>>): void {
  const texts = Object.entries(values).map(([name, value]) => `${name} ${value}`)
  console.log(`${fault}: ${texts.join(', ')}`)
}
