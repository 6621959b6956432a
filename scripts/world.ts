import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The map of the dashboard, from Natural Earth (public domain) as world-atlas brings it, to `assets/world.svg`.
 *
 *     npm run build:world
 */

const ROOT = fileURLToPath(new URL('../', import.meta.url))

/** TopoJSON, as far as it is used: https://github.com/topojson/topojson-specification */
interface Topology {
  readonly arcs: readonly (readonly Point[])[]
  readonly transform: { readonly scale: Point; readonly translate: Point }
  readonly objects: { readonly countries: { readonly geometries: readonly Country[] } }
}

type Point = readonly [number, number]
type Rings = readonly (readonly number[])[]
type Country = { readonly id?: string; readonly properties: { readonly name: string } } & (
  | { readonly type: 'Polygon'; readonly arcs: Rings }
  | { readonly type: 'MultiPolygon'; readonly arcs: readonly Rings[] }
)

const WIDTH = 1000
const HEIGHT = 436
/** The meridian in the middle: the edge is then in the Bering Strait, and cuts no country. */
const MIDDLE = 11.5
/** Nobody looks at Antarctica, which would take a fifth of the height. */
const LEFT_OUT = 'AQ'
/** What is smaller in square units is a dot, so that it can be seen and hit. */
const LEAST_AREA = 6
const DOT = 3

/** Builds the map, and gives its text: a shape for each country, its code as id. */
export async function buildWorld(): Promise<string> {
  const [coarse, fine] = await Promise.all(['110m', '50m'].map(readTopology))
  if (!coarse || !fine) throw new Error('world-atlas has no countries')
  const shapes = new Map<string, string>()
  for (const country of fine.objects.countries.geometries) put(shapes, country, dotOf(ringsOf(fine, country)))
  for (const country of coarse.objects.countries.geometries)
    put(shapes, country, shapeOf(ringsOf(coarse, country)))
  const sorted = [...shapes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, shape]) => shape.replace(' ', ` id="${code}" `))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}"><g id="world">\n${sorted.join('\n')}\n</g></svg>\n`
}

async function readTopology(scale: string): Promise<Topology> {
  return JSON.parse(
    await readFile(join(ROOT, `node_modules/world-atlas/countries-${scale}.json`), 'utf8'),
  ) as Topology
}

function put(shapes: Map<string, string>, country: Country, shape: string): void {
  const code = codeOf(country)
  if (code !== LEFT_OUT) shapes.set(code, shape)
}

/** ISO 3166-1 alpha-2, which Intl knows of numbers; Natural Earth has no number for what is not of the UN's list. */
function codeOf({ id, properties }: Country): string {
  if (id === undefined) return properties.name === 'Kosovo' ? 'XK' : properties.name.replaceAll(/\W/g, '')
  return new Intl.Locale(`und-${id.padStart(3, '0')}`).region ?? id
}

function ringsOf(topology: Topology, country: Country): readonly (readonly Point[])[] {
  const polygons = country.type === 'Polygon' ? [country.arcs] : country.arcs
  return polygons.flatMap((rings) =>
    rings.map((ring) => ring.flatMap((arc) => pointsOf(topology, arc)).map(project)),
  )
}

/** The points of an arc, of which each is told by its distance to the one before; a negative number is one backwards. */
function pointsOf({ arcs, transform }: Topology, index: number): readonly Point[] {
  let [x, y] = [0, 0]
  const points = (arcs[index < 0 ? ~index : index] ?? []).map(([dx, dy]): Point => {
    x += dx
    y += dy
    return [x * transform.scale[0] + transform.translate[0], y * transform.scale[1] + transform.translate[1]]
  })
  return index < 0 ? points.reverse() : points
}

/** Equal Earth (Šavrič, Patterson and Jenny, 2018): areas are true, so that no country looks larger than it is. */
function project([longitude, latitude]: Point): Point {
  const [a1, a2, a3, a4] = [1.340264, -0.081106, 0.000893, 0.003796]
  const lambda = ((longitude - MIDDLE) * Math.PI) / 180
  const wrapped = lambda < -Math.PI ? lambda + 2 * Math.PI : lambda
  const theta = Math.asin((Math.sqrt(3) / 2) * Math.sin((latitude * Math.PI) / 180))
  const t2 = theta ** 2
  const t6 = t2 ** 3
  const slope = 9 * a4 * t2 * t6 + 7 * a3 * t6 + 3 * a2 * t2 + a1
  const x = (2 * Math.sqrt(3) * wrapped * Math.cos(theta)) / (3 * slope)
  const y = theta * (a1 + a2 * t2 + t6 * (a3 + a4 * t2))
  return [(x / 5.41 + 0.5) * WIDTH, (1.3173 - y) * (WIDTH / 5.41)]
}

function shapeOf(rings: readonly (readonly Point[])[]): string {
  const drawn = rings.map(drawRing).filter(({ area }) => area >= 2)
  const area = drawn.reduce((sum, ring) => sum + ring.area, 0)
  return area < LEAST_AREA ? dotOf(rings) : `<path d="${drawn.map(({ path }) => path).join('')}"/>`
}

/** A ring in whole units: what falls into one point is left out. */
function drawRing(ring: readonly Point[]): { readonly path: string; readonly area: number } {
  const points: Point[] = []
  for (const [x, y] of ring) {
    const point: Point = [Math.round(x), Math.round(y)]
    const last = points.at(-1)
    if (last && last[0] === point[0] && last[1] === point[1]) continue
    points.push(point)
  }
  let path = ''
  let before: Point = [0, 0]
  for (const [x, y] of straight(points)) {
    path += path === '' ? `M${x} ${y}l` : pair(x - before[0], y - before[1])
    before = [x, y]
  }
  return { path: `${path}z`, area: areaOf(points) }
}

/** Without points that lie on the line between their neighbours. */
function straight(points: readonly Point[]): readonly Point[] {
  return points.filter((point, i) => {
    const [before, after] = [points[i - 1], points[i + 1]]
    if (!before || !after) return true
    return (point[0] - before[0]) * (after[1] - point[1]) !== (point[1] - before[1]) * (after[0] - point[0])
  })
}

function pair(dx: number, dy: number): string {
  return `${dx < 0 ? '' : ' '}${dx}${dy < 0 ? '' : ' '}${dy}`
}

function areaOf(points: readonly Point[]): number {
  const sum = points.reduce((total, [x, y], i) => {
    const [nextX, nextY] = points[(i + 1) % points.length] ?? [0, 0]
    return total + x * nextY - nextX * y
  }, 0)
  return Math.abs(sum) / 2
}

/** A dot in the middle of the largest part. */
function dotOf(rings: readonly (readonly Point[])[]): string {
  const [largest = []] = [...rings].sort((a, b) => areaOf(b) - areaOf(a))
  const middle = (at: 0 | 1): number => {
    const values = largest.map((point) => point[at])
    return Math.round((Math.min(...values) + Math.max(...values)) / 2)
  }
  return `<circle cx="${middle(0)}" cy="${middle(1)}" r="${DOT}"/>`
}

if (import.meta.main) await writeFile(join(ROOT, 'assets/world.svg'), await buildWorld())
