import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openapi } from './openapi/document.ts'
import { apiPage } from './openapi/page.ts'
import { routes } from './openapi/routes.ts'

/**
 * What `assets/` holds of the API's description: OpenAPI, and a page made from it.
 *
 *     npm run build:openapi
 */
export function buildDescription(): Readonly<Record<'openapi.json' | 'api.html', string>> {
  const document = openapi(routes)
  return { 'openapi.json': `${JSON.stringify(document)}\n`, 'api.html': apiPage(routes, document) }
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(buildDescription()))
    writeFileSync(fileURLToPath(new URL(`../assets/${name}`, import.meta.url)), text)
}
