// `prepare` of a package that a project may install by its folder (`npm install ../llr/packages/optim`). npm then makes a link and
// runs this; what the link leads to must have been built. pnpm runs it on every installation of this repository, where nothing need
// be built. Plain ESM for Node >= 20, because it runs on the other project's Node.
import { existsSync } from "node:fs";

const built = existsSync("dist/index.js") && existsSync("dist/index.d.ts");
if (!built && process.env.npm_config_user_agent?.startsWith("npm/")) {
  console.error(`${process.env.npm_package_name}: there is no dist in ${process.cwd()}. Run \`npm run build\` in the checkout, then install again.`);
  process.exit(1);
}
