/** What a browser would send of a form: the first in a page that has these hidden inputs. */
export function formIn(text: string, marks: Readonly<Record<string, string>>): URLSearchParams {
  for (const [, body = ''] of text.matchAll(/<form\b[^>]*>(.*?)<\/form>/gs)) {
    const form = fieldsOf(body)
    if (Object.entries(marks).every(([name, value]) => form.get(name) === value)) return form
  }
  throw new Error(`The page has no form with ${JSON.stringify(marks)}: ${text.slice(0, 2000)}`)
}

const FIELD = /<input\b([^>]*)>|<textarea\b([^>]*)>\n?([^<]*)<\/textarea>|<select\b([^>]*)>(.*?)<\/select>/gs

function fieldsOf(body: string): URLSearchParams {
  const form = new URLSearchParams()
  for (const [, input, area, text = '', select, options = ''] of body.matchAll(FIELD)) {
    const attributes = input ?? area ?? select ?? ''
    const name = attribute(attributes, 'name')
    if (name === undefined) continue
    if (input !== undefined) appendInput(form, name, attributes)
    else form.append(name, area === undefined ? chosen(options) : plainText(text).replace(/\r?\n/g, '\r\n'))
  }
  return form
}

function appendInput(form: URLSearchParams, name: string, attributes: string): void {
  const isBox = /type="(?:checkbox|radio)"/.test(attributes)
  if (isBox && !/ checked/.test(attributes)) return
  form.append(name, attribute(attributes, 'value') ?? (isBox ? 'on' : ''))
}

/** The option that is selected, else the first. */
function chosen(options: string): string {
  const all = [...options.matchAll(/<option\b([^>]*)>/g)].map(([, attributes = '']) => attributes)
  const found = all.find((one) => / selected/.test(one)) ?? all[0] ?? ''
  return attribute(found, 'value') ?? ''
}

function attribute(attributes: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1]
  return value === undefined ? undefined : plainText(value)
}

const characters: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
}

/** Text as it was before `hono/html` escaped it. */
export function plainText(text: string): string {
  return text.replace(/&(?:lt|gt|quot|#39|amp);/g, (one) => characters[one] ?? one)
}
