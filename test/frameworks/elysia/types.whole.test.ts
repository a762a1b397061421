import { compiles } from '../compiles.ts'

compiles(import.meta.dirname)
