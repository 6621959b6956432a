import { germanFaults, manageEnglish, manageGerman } from './texts/manage.ts'
import { pagesEnglish, pagesGerman } from './texts/pages.ts'
import { reportEnglish, reportGerman } from './texts/report.ts'

/** All words of the pages. `{name}` stands for a value. */
const english = { ...pagesEnglish, ...manageEnglish, ...reportEnglish }

export type Texts = Readonly<Record<keyof typeof english, string>>

const german: Texts = { ...pagesGerman, ...manageGerman, ...germanFaults, ...reportGerman }

/** The texts of each language. Pages read them from `assets/`, where `npm run build:texts` writes them: no program has them in it. */
export const translations: Readonly<Record<string, Texts>> = { en: english, de: german }
