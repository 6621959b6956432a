import { readQuery } from '../asking/query-reader.ts'
import { objectionTo } from '../asking/sense.ts'
import type { Collection } from '../collection.ts'
import type { Metric } from '../metric.ts'
import type { Query } from '../query.ts'
import type { Report } from '../report.ts'

/** A question as clients of the API ask it. */
export type Question = Readonly<Record<string, unknown>> & { readonly metrics: readonly Metric[] }

/** Asks what the API would answer to the same question. */
export function ask(collection: Collection, question: Question): Promise<Report> {
  return collection.query(readQuery(question, collection.definition))
}

/** The metrics of a question that mean something in it. */
export function sensible(collection: Collection, question: Question): readonly Metric[] {
  const { metrics, ...rest } = question
  const query: Query = readQuery({ ...rest, metrics: ['visitors'] }, collection.definition)
  return metrics.filter((metric) => objectionTo(metric, query) === undefined)
}
