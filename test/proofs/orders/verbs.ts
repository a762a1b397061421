import { createIn } from '../../../src/stores/over/moving/create.ts'
import { deleteFrom } from '../../../src/stores/over/moving/delete.ts'
import { loadHere, loadThere } from '../../../src/stores/over/moving/load.ts'
import { move } from '../../../src/stores/over/moving/move.ts'
import { saveHere, saveThere } from '../../../src/stores/over/moving/save.ts'
import type { Verbs } from './scripts.ts'

export const verbs: Verbs = { loadHere, loadThere, saveHere, saveThere, deleteFrom, move, createIn }
