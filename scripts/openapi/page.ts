import type { Route } from './route.ts'
import type { Schema } from './schema.ts'
import { schemas } from './schemas.ts'

/** The description as one page: nothing of it is loaded from elsewhere, and no script runs in it. */
export function apiPage(routes: readonly Route[], document: Schema): string {
  const tags = [...Map.groupBy(routes, ({ tag }) => tag)]
  const paths = document.paths as Readonly<Record<string, Readonly<Record<string, Operation>>>>
  const nav = tags.map(([tag]) => `<a href="#${slug(tag)}">${tag}</a>`).join(' ')
  const sections = tags.map(([tag, some]) => {
    const parts = some.map((route) => {
      const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
      return section(route, path, paths[path]?.[route.method])
    })
    return `<h2 id="${slug(tag)}">${tag}</h2>\n${parts.join('\n')}`
  })
  const named = Object.entries(schemas).map(
    ([name, schema]) => `<h3 id="schema-${name}"><code>${name}</code></h3>\n<pre>${shown(schema)}</pre>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Skerry: the API</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Skerry: the API</h1>
<p>The same as <a href="openapi.json">OpenAPI</a>. A key is sent as <code>Authorization: Bearer …</code>.</p>
<nav>${nav} <a href="#schemas">Schemas</a></nav>
${sections.join('\n')}
<h2 id="schemas">Schemas</h2>
${named.join('\n')}
</body>
</html>
`
}

interface Operation {
  readonly parameters: readonly {
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly description?: string
  }[]
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Contents }>>
  readonly requestBody?: { readonly content: Contents }
}

type Contents = Readonly<Record<string, { readonly schema: Schema }>>

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
nav a { margin-right: 1rem }
h3 { margin: 2rem 0 0 }
table { border-collapse: collapse; width: 100% }
td { border-top: 1px solid #8886; padding: .25rem .5rem .25rem 0; vertical-align: top }
td:first-child { width: 11rem }
pre { overflow-x: auto; padding: .5rem; background: #8882 }
`

function section(
  { id, method, summary, keys }: Route,
  path: string,
  operation: Operation | undefined,
): string {
  const { parameters = [], responses = {}, requestBody } = operation ?? {}
  const rows = [
    ['Key', keys.length === 0 ? 'none' : keys.join(', ')],
    ...parameters.map((one) => [
      one.name,
      [one.description ?? `in the ${one.in}`, one.required ? '(required)' : ''].join(' '),
    ]),
    ...(requestBody ? [['Body', contents(requestBody.content)]] : []),
    ...Object.entries(responses).map(([status, { description, content }]) => [
      status,
      `${escaped(description)}${content ? `<br>${contents(content)}` : ''}`,
    ]),
  ]
  const table = rows.map(
    ([name = '', text = '']) => `<tr><td><code>${escaped(name)}</code></td><td>${text}</td></tr>`,
  )
  return `<h3 id="${id}"><code>${method.toUpperCase()} ${escaped(path)}</code></h3>
<p>${escaped(summary)}</p>
<table>${table.join('\n')}</table>`
}

function contents(content: Contents): string {
  return Object.entries(content)
    .filter(([type]) => type !== 'application/problem+json')
    .map(([type, { schema }]) => `<code>${escaped(type)}</code>: <code>${shown(schema)}</code>`)
    .join('<br>')
}

/** A schema as JSON, in which names of others are links. */
function shown(schema: Schema): string {
  const text = escaped(JSON.stringify(schema, null, 1).replaceAll(/\n\s*(?=[\]}])|(?<=[[{])\n\s*/g, ' '))
  return text.replaceAll(
    /\{ &quot;\$ref&quot;: &quot;#\/components\/schemas\/(\w+)&quot; \}/g,
    '<a href="#schema-$1">$1</a>',
  )
}

function slug(text: string): string {
  return text.toLowerCase().replaceAll(' ', '-')
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
