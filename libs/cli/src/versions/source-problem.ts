/** The code of a version can't be had, or not be built. Nothing was started. */
export class SourceProblem extends Error {}
