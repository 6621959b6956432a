import { itemOf, type Row, type TableFormat, unreadable, utcOf } from './reading.ts'

/** Events of Plausible as its table `events_v2` holds them; what its dashboard exports are sums, not events. */
export const plausible: TableFormat = {
  name: 'plausible',
  meaning: "rows of Plausible's table events_v2, as CSV with names or lines of JSON",
  kind: 'table',
  matches: (columns) => ['pathname', 'hostname', 'timestamp', 'user_id'].every((name) => columns.has(name)),
  read(row) {
    const time = utcOf(row.timestamp)
    if (time === undefined || !row.name) return unreadable
    const amount = row.revenue_source_amount ?? ''
    const currency = row.revenue_source_currency ?? ''
    return itemOf({
      time,
      name: row.name,
      page: row.pathname === '' ? '/' : row.pathname,
      hostname: row.hostname === '(none)' ? undefined : row.hostname,
      referrer: row.referrer && !/^\w+:/.test(row.referrer) ? `https://${row.referrer}` : row.referrer,
      source: row.referrer_source === 'Direct / None' ? undefined : row.referrer_source,
      channel: row.acquisition_channel,
      ...utmOf(row),
      click_id: row.click_id_param,
      country: codeOf(row.country_code),
      region: row.subdivision1_code,
      browser: row.browser,
      browser_version: row.browser_version,
      os: row.operating_system,
      os_version: row.operating_system_version,
      device: row.screen_size === 'Laptop' ? 'Desktop' : row.screen_size,
      visitor: row.user_id,
      ...(row.name === 'engagement' && {
        ms: numberOf(row.engagement_time, 86_400_000),
        depth: numberOf(row.scroll_depth, 100),
      }),
      interactive: row['interactive?'] === '0' || row.interactive === '0' ? false : undefined,
      revenue: Number(amount) > 0 && currency.trim() !== '' ? { amount, currency } : undefined,
      props: propsOf(row),
    })
  },
}

function utmOf(row: Row): Readonly<Record<string, string | undefined>> {
  const { utm_source, utm_medium, utm_campaign, utm_content, utm_term } = row
  return {
    ...{ utm_source, utm_medium, utm_campaign, utm_content, utm_term },
    ...{ medium: utm_medium, campaign: utm_campaign, content: utm_content, term: utm_term },
  }
}

/** An unknown country is two NULs in ClickHouse. */
function codeOf(text: string | undefined): string | undefined {
  return text !== undefined && /^[A-Z]{2}$/.test(text) ? text : undefined
}

/** 255 stands for no depth. */
function numberOf(text: string | undefined, most: number): number | undefined {
  const value = Number(text || Number.NaN)
  return value >= 0 && value <= most ? value : undefined
}

function propsOf(row: Row): Readonly<Record<string, string>> | undefined {
  const keys = listOf(row['meta.key'])
  const values = listOf(row['meta.value'])
  return keys.length === 0 ? undefined : Object.fromEntries(keys.map((key, i) => [key, values[i] ?? '']))
}

/** A list as ClickHouse writes it into CSV, `['a','b\'c']`, or as JSON. */
function listOf(text = ''): readonly string[] {
  return [...text.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)].map(([, single, double]) =>
    (single ?? double ?? '').replaceAll(/\\(.)/g, '$1'),
  )
}
