// Command regopeer judges as conftest and `opa test` do, by their own packages. The commands themselves bring parsers
// of two dozen languages and the clients of three clouds, which take longer to build than all engines together; the
// verdicts are made here.
//
//	regopeer conftest [-combine] [-rego-version v1] [-data DIR] -policy DIR DIR   results of JSON files, as `--output json`
//	regopeer opa-test DIR                                                        results of tests, as `--format json`
//	regopeer version                                                             the version of OPA
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/open-policy-agent/conftest/output"
	"github.com/open-policy-agent/conftest/policy"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/version"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) == 0 {
		return errors.New("name a command")
	}
	switch command, rest := arguments[0], arguments[1:]; command {
	case "conftest":
		return judge(rest)
	case "opa-test":
		return test(rest)
	case "version":
		fmt.Println(version.Version)
		return nil
	default:
		return fmt.Errorf("there is no command %q", command)
	}
}

func judge(arguments []string) error {
	flags := flag.NewFlagSet("conftest", flag.ContinueOnError)
	isCombined := flags.Bool("combine", false, "judge all files together")
	regoVersion := flags.String("rego-version", "v1", "v0 or v1")
	data := flags.String("data", "", "folder with data")
	policies := flags.String("policy", "", "folder with policies")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	files, err := readFiles(flags.Arg(0))
	if err != nil {
		return err
	}
	capabilities, err := policy.LoadCapabilities("")
	if err != nil {
		return err
	}
	var folders []string
	if *data != "" {
		folders = []string{*data}
	}
	options := policy.CompilerOptions{RegoVersion: *regoVersion, Capabilities: capabilities}
	engine, err := policy.LoadWithData([]string{*policies}, folders, options)
	if err != nil {
		return err
	}
	engine.EnableInterQueryCache()
	results, err := check(engine, files, *isCombined)
	if err != nil {
		return err
	}
	return output.NewJSON(os.Stdout).Output(results)
}

// check goes through the namespaces as conftest's own runner does with --all-namespaces.
func check(engine *policy.Engine, files map[string]any, isCombined bool) (output.CheckResults, error) {
	var results output.CheckResults
	for _, namespace := range engine.Namespaces() {
		if isCombined {
			result, err := engine.CheckCombined(context.Background(), files, namespace)
			if err != nil {
				return nil, err
			}
			results = append(results, result)
			continue
		}
		found, err := engine.Check(context.Background(), files, namespace)
		if err != nil {
			return nil, err
		}
		results = append(results, found...)
	}
	return results, nil
}

func readFiles(folder string) (map[string]any, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	files := make(map[string]any, len(paths))
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var value any
		if err := json.Unmarshal(text, &value); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		files[path] = value
	}
	return files, nil
}

func test(folders []string) error {
	modules, store, err := tester.Load(folders, nil)
	if err != nil {
		return err
	}
	ctx := context.Background()
	return storage.Txn(ctx, store, storage.TransactionParams{}, func(transaction storage.Transaction) error {
		runner := tester.NewRunner().SetStore(store).SetModules(modules).CapturePrintOutput(true)
		results, err := runner.RunTests(ctx, transaction)
		if err != nil {
			return err
		}
		return tester.JSONReporter{Output: os.Stdout}.Report(results)
	})
}
