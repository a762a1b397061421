import type { sessions as declared } from 'untorn/elysia'
import { sessions as made } from '../../../src/elysia.ts'

/** As an application sees it: what is made of src/, with the types of the package. */
export const sessions = made as unknown as typeof declared
