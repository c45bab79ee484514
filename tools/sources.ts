// Inside the repository the packages run from their sources, unbuilt; everywhere else from `dist`. Both are entries of the same
// `exports`: the condition "@llr/source" comes first there and is set by nobody but this repository. Node gets it from the
// launcher (tools/run.mjs), by NODE_OPTIONS, so that every process of a process has it; tsc from tsconfig.base.json; vitest and
// vite from here. A script that is run by plain `node` needs `node --conditions=@llr/source`.
import { defaultClientConditions, defaultServerConditions, type UserConfig } from "vite";

export const SOURCE_CONDITION = "@llr/source";

/** For a configuration of vite: modules and bundles are made of the packages' sources. */
export const fromSources: Pick<UserConfig, "resolve" | "ssr"> = {
  resolve: { conditions: [SOURCE_CONDITION, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [SOURCE_CONDITION, ...defaultServerConditions] } },
};

/** NODE_OPTIONS with which a process that is started resolves as the launcher's do. */
export function withSources(options: string | undefined): string {
  const flag = `--conditions=${SOURCE_CONDITION}`;
  return options?.includes(flag) ? options : [options, flag].filter(Boolean).join(" ");
}
