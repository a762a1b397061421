import { deleteFrom } from '../../../../src/stores/moving/delete.ts'
import { loadHere, loadThere } from '../../../../src/stores/moving/load.ts'
import { move } from '../../../../src/stores/moving/move.ts'
import { saveHere, saveThere } from '../../../../src/stores/moving/save.ts'
import type { Verbs } from './scripts.ts'

export const verbs: Verbs = { loadHere, loadThere, saveHere, saveThere, deleteFrom, move }
