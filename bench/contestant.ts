import type { Event } from '../src/event.ts'
import type { Question, Rows } from './question.ts'

/** A store of events that is asked the same questions as the others. */
export interface Contestant {
  readonly name: string
  /** One line on how the data lies in it, for the report. */
  readonly note: string
  /** Takes in one day, in order of arrival. Days come in their order, each once. */
  load(events: readonly Event[], day: number): Promise<void>
  /** All days are loaded: seal, index, write to disk, and be warm. */
  ready(): Promise<void>
  /** Answers from the events: nobody may keep an answer, or a day's part of it, for the next time it is asked. */
  ask(question: Question): Promise<Rows>
  /** What it takes on disk. */
  bytes(): Promise<number>
  close(): Promise<void>
}

/** Makes a contestant that keeps its files in that folder, which is removed when all is over. */
export type CreateContestant = (folder: string) => Promise<Contestant>
