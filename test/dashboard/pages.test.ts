import { memoryStore } from '../../src/store/memory.ts'
import { dashboardContract } from '../contract/dashboard.ts'
import { linksContract } from '../contract/links.ts'
import { sitePagesContract } from '../contract/site-pages.ts'
import { inProcess } from '../support/in-process.ts'

dashboardContract('in process, memory', () => inProcess(memoryStore()))
linksContract('in process, memory', () => inProcess(memoryStore()))
sitePagesContract('in process, memory', () => inProcess(memoryStore()))
